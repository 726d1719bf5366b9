"""理财日历: what is due on a day, learned from the customer's own payments or said by him."""
