"""The customer's own bill files of WeChat Pay and Alipay, from bytes to rows. No database here."""
