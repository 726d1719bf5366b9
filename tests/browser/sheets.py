"""Every page of the product, who looks at it, and what stands on it without any script."""

from dataclasses import dataclass

PRICE = r"\d+\.\d\d"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One page; {order} and the like in its address are filled in by what was done before."""

    name: str
    path: str
    who: str
    reads: str
    """A pattern that the page's text must hold without script."""


def _sheets(who: str, *rows: tuple[str, str, str]) -> list[Sheet]:
    return [
        Sheet(name=f"{who}-{name}", path=path, who=who, reads=reads) for name, path, reads in rows
    ]


SHEETS = [
    *_sheets(
        "stranger",
        ("market", "/market/", rf"上证指数\s+{PRICE}"),
        ("indices", "/market/?list=indices", rf"北证50[\s\S]*{PRICE}"),
        ("stock", "/market/600036.SH", rf"招商银行[\s\S]*{PRICE}[\s\S]*卖五\s+{PRICE}"),
        ("stock-star", "/market/688981.SH", r"科创板"),
        ("stock-at-risk", "/market/600491.SH", r"风险警示"),
        ("stock-suspended", "/market/600585.SH", r"停牌"),
        ("stock-new", "/market/301575.SZ", PRICE),
        ("index", "/market/000001.SH", PRICE),
        ("fund", "/market/510300.SH", r"\d+\.\d{3}"),
        ("bond", "/market/113042.SH", r"\d+\.\d{3}"),
        ("candles", "/market/600036.SH?chart=bars", r"2026-11-2\d"),
        ("prints", "/market/600036.SH/prints", r"成交明细"),
        ("unusual", "/market/unusual", r"异动"),
        ("search", "/market/search?q=zg", r"中国平安"),
        ("search-begun", "/market/search", r"想看哪只证券"),
        ("search-nothing", "/market/search?q=qqqq", r"没有找到"),
        ("sign-in", "/me/sign-in", r"资金账号[\s\S]*交易密码"),
        ("me", "/me/", r"登录后查看持仓"),
        ("appearance", "/me/appearance", r"红涨绿跌"),
        ("privacy", "/me/privacy", r"看不到"),
        ("about", "/me/about", r"风险揭示"),
        ("no-page", "/nothing/here", r"没有找到这个页面"),
        ("no-stock", "/market/999999.SH", r"没有找到这只证券"),
        ("ops-sign-in", "/ops/sign-in", r"运维台"),
        ("components", "/ops/ui", r"组件样例"),
        ("interfaces", "/api/docs", r"/trade/orders"),
    ),
    *_sheets(
        "follower",
        ("market", "/market/", r"我的自选\s+管理"),
        ("watchlist", "/market/watchlist", r"招商银行"),
        ("watched", "/market/?list=watchlist&sort=rise", rf"涨幅 ↓[\s\S]*招商银行[\s\S]*{PRICE}"),
        ("group", "/market/watchlist?group=银行&remove=ask", r"当前分组：银行[\s\S]*确认删除"),
        ("search", "/market/search", r"最近浏览[\s\S]*招商银行"),
        ("alerts", "/market/alerts", r"招商银行[\s\S]*新公告\s+等待中"),
        ("alert-form", "/market/600036.SH/alerts", rf"招商银行\s[\s\S]*{PRICE}[\s\S]*设置提醒"),
        ("me", "/me/", r"绑定资金账号"),
        ("binding", "/me/binding", r"风险揭示"),
        ("messages", "/me/messages", r"消息中心"),
        ("sessions", "/me/sessions", r"本机"),
        ("month", "/wealth/", r"2026年\d+月"),
        ("own-entry", "{own_entry}", r"房贷还款"),
        ("entry-form", "{own_entry_form}", r"修改日程"),
        ("feed", "/wealth/feed", r"订阅到手机日历"),
    ),
    *_sheets(
        "bound",
        ("me", "/me/", r"查看金额和交易时需验证"),
        ("bound", "/me/binding", r"本微信已绑定"),
        ("step-up", "/me/step-up", r"验证交易密码"),
        ("trade", "/trade/", r"验证后查看"),
        ("ticket", "/trade/ticket?symbol=600036.SH&side=buy", r"验证后查看"),
        ("securities", "/trade/securities?side=sell", r"验证后查看"),
        ("settings", "/trade/settings", r"下单前的提醒"),
        ("permissions", "/trade/permissions", r"本页不能办理"),
        ("month", "/wealth/", r"理财|未来30天"),
    ),
    *_sheets(
        "customer",
        ("trade", "/trade/", rf"总资产（元）[\s\S]*{PRICE}"),
        ("ticket", "/trade/ticket?symbol=600036.SH&side=buy", r"可用资金\s+[\d,]+\.\d\d"),
        ("ticket-suspended", "/trade/ticket?symbol=600585.SH&side=sell", r"停牌中"),
        ("confirmation", "{confirmation}", r"确认买入[\s\S]*预计费用"),
        ("order", "{order}", r"委托数量\s+100 股"),
        ("order-refused", "{refused}", r"委托没有被接受"),
        ("cancellation", "{order}/cancellation", r"确认撤单"),
        ("cancellations", "/trade/cancellations", r"全部撤单"),
        ("orders", "/trade/orders", r"招商银行"),
        ("positions", "/trade/positions", rf"贵州茅台[\s\S]*{PRICE}"),
        ("funds", "/trade/funds", rf"可取资金[\s\S]*{PRICE}"),
        ("fills", "/trade/fills", r"成交"),
        ("profit", "/trade/profit", r"2026年\d+月收益"),
        ("cash", "/trade/cash", r"期间[\s\S]*净额"),
        ("cash-asked", "/trade/cash?first=2026-09-01&last=2026-11-20", r"期间[\s\S]*净额"),
        ("securities", "/trade/securities?side=buy&words=zg", r"中国平安"),
        ("settings", "/trade/settings", r"摊薄成本"),
        ("month", "/wealth/", r"未来30天"),
        ("week", "/wealth/?view=week", r"未来30天|本月日程"),
        ("learned-entry", "{learned_entry}", r"为什么出现在这里"),
        ("new-entry", "/wealth/entries/new", r"添加日程"),
        ("reminders", "/wealth/preferences", r"提醒时间"),
        ("feed", "/wealth/feed", r"生成订阅地址"),
        ("dismissed", "/wealth/dismissed", r"已忽略的收支"),
        ("alerts-none", "/market/alerts", r"还没有提醒"),
        ("me", "/me/", r"已验证"),
        # The walks bind this customer's account to their phones, before or after.
        ("binding", "/me/binding", r"\*0002\s+微信\s+(没有绑定微信|已绑定 \d+ 个微信)"),
        ("sessions", "/me/sessions", r"登录与设备"),
        ("messages", "/me/messages", r"新设备登录提醒"),
        ("message", "{message}", r"查看详情"),
        ("notices", "/me/notice-preferences", r"发到微信"),
        ("subscriptions", "/wechat/subscriptions", r"订阅提醒"),
        ("bills", "/wealth/bills", r"导入账单"),
        ("bill-draft", "{bill_draft}", r"还没有导入[\s\S]*晴川便利店"),
    ),
    *_sheets("operator", ("home", "/ops/", r"运维台")),
]
