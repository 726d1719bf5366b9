"""微信模拟器: the WeChat platform offline, seen only over HTTP."""
