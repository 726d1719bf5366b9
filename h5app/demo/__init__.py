"""演示: the demo's market clock, customers and jumps through time; absent in production."""
