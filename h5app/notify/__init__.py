"""Who is told what: once, not at night, by the way they chose; the inbox always holds it."""
