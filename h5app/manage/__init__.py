"""The commands of ./manage; standard library only until set-up is done."""
