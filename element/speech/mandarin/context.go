package mandarin

import (
	"strings"
	"sync"
)

// rule gives a word of several readings one of them where its neighbours are as
// asked. Left and right are alternatives parted by spaces, of which one must
// hold; none asks for nothing. An alternative is
//
//	text    the text before ends in it, or the text after begins with it
//	<n>     the neighbour is a word of that class; <nv> of one of these
//	<2d>    the same, and has two characters or more
//	^ or $  the phrase begins or ends here
//	~text   the text occurs on that side of the phrase, near
//
// Texts are in simplified characters.
type rule struct{ word, reading, left, right string }

// rules are in order: the first of a word that holds counts, and where none does
// the word keeps the reading of the dictionary.
var rules = []rule{
	// 得 after a verb or adjective is de5; as an auxiliary verb dei3.
	{"得", "de2", "^ <r> 也 都 已 已经 曾 曾经 并 共 荣 喜 初 一举 未 均", "了 过 到 <m> 奖 病 分 冠军 胜 名 主"},
	{"得", "de5", "气 累 吓 笑 哭 忙 疼 痛 热 冷 急 乐 饿 吵 烦 美 闹 恨 羞 长 怕 觉 说 看 写 跑 <va>", ""},
	{"得", "dei3", "^ 也 都 还 就 总 又 可 可能 必 非 至少 起码 今天 明天 现在 你 我 他 她 它 们 咱 您 谁 人 大家 <r>", "<vdpranm>"},
	{"得", "dei3", "<nt>", "<vdp>"},

	// 地 after an adverbial is de5, elsewhere the ground.
	{"地", "de5", "样 般 似 <2da>", "<vpdarim>"},
	{"地", "de5", "<2ivx>", "<vpd>"},
	{"地", "de5", "<2n> ~一个 ~一句 ~一步 ~一口 ~一遍 ~一次 ~一天", "<v>"},

	// 着 after a verb is zhe5; of what is reached zhao2.
	{"着", "zhao2", "睡 找 猜 逮 够 点 用 碰 见", "了 $"},
	{"着", "zhao2", "不 得", ""},
	{"着", "zhuo2", "^", "<n>"},

	// 了 after 不 and 得 is what can be done.
	{"了", "le5", "^得 我得 你得 他得 她得 们得 也得 就得 都得 又得 还得 没得 已得 才得 已经得 曾得", ""},
	{"了", "liao3", "不 得", "$ <vnruadpx>"},

	// 为 is for somebody, or as something.
	{"为", "wei4", "", "<r> 人民 大家 祖国 国家 孩子 学生 顾客 客户 消费者 读者 用户 社会 农民 群众 老人 妈妈 爸爸 父母 全 这 那 什么 了"},
	{"为", "wei4", "专门 特地 都是 正是 就是 只 是", "~服务 ~而 ~着想 ~提供 ~准备"},
	{"为", "wei4", "", "~服务 ~着想 ~提供 ~准备 ~奋斗 ~打下 ~带来 ~创造 ~奠定 ~做出 ~作出 ~祝 ~感到 ~干杯 ~报仇 ~辩护 ~庆祝 ~纪念"},
	{"为", "wei4", "^", "<v>"},

	// 还 is to give back before what is owed.
	{"还", "huan2", "", "给 了 钱 书 债 清 款 贷 账 完 回 我钱 你钱 他钱 她钱 我书 你书 他书 本书 欠 得起 不起 上"},
	{"还", "huan2", "没 来 去 要 该 必须 得 会 能 帮 替 归 偿 借 按时 尽快 ^我 ^你", "<r> 书 钱 $"},

	// 长 is to grow, or long.
	{"长", "chang2", "很 最 太 更 较 多 全 身 好 不 么 样 够 还 <m> 年 期 米 里", "<m> $ 的 达 约 度 发 江 得多 期 时间 一点 一些 了"},
	{"长", "zhang3", "", "得 出 了 成 着 满 到 高 大 胖 在 个 过 起 满 不 草 毛 牙 痘 越"},
	{"长", "zhang3", "会 刚 生 没 正 越 疯 新 里 上 首 团 处 局 部 班", "<vdr>"},

	{"长长", "zhang3 chang2", "", "了 $"},
	{"点着", "dian3 zhe5", "", "头 灯 火把 蜡烛 名"},

	{"重", "chong2", "", "写 来 做 拍 建 装 开 启 游 读 学 看 排 演 考 算 修 选 录 复 提 归 返 逢 临 生 组 燃 塑"},
	{"重", "chong2", "<m>", "$ <nvad>"},

	{"只", "zhi1", "<m> 这 那 几 每 某 哪 半 多 第一 第二", "<nax> $ 的 大 小 小小 手 脚 眼 耳 猫 狗 鸟 鸡"},

	{"种", "zhong3", "<m> 这 那 各 每 某 此 该 几 多 何 哪 一", ""},
	{"种", "zhong4", "", "的 了 着 树 菜 花 地 田 下 上 过 草 在 满 粮 瓜 豆 稻 得 植 果 出 好 棵 些 玉米 小麦 水稻 蔬菜 棉花 葡萄 茶"},
	{"种", "zhong4", "<rvdt>", "<mn>"},

	{"数", "shu3", "", "一数 了 着 到 数 不 得 钱 过 清 出 起 羊 星星 下去"},
	{"数", "shu3", "数了 来 请 会 去 再 你 我 他 她 们 在 要 能 着", "<mn> $"},
	{"数数", "shu4 shu5", "字", ""},

	{"教", "jiao4", "该 信 入 此 异 邪 宗 佛 任 执 传", "的 徒 会 派 义 主 众 $"},

	{"觉", "jiao4", "一 个 睡 午 大 好 懒 睡了 一个 这 了", ""},

	{"调", "tiao2", "", "整 低 高 好 小 大 成 准 匀 解 停 教 一下 一调 味 色 音 亮 暗 慢 快 闹钟 频 温 零"},
	{"调", "diao4", "", ""},

	{"行", "hang2", "<m> 几 每 这一 那一 第一 第二 各", "字 文字 文 诗 代码 泪 脚印 树 $ 是 的 有 <nv>"},
	{"行", "hang2", "这 那 哪 本 各 干一 干 同 内 改 入 隔 哪一 该 分 支 总", "$ 的 <dvnp>"},

	{"背", "bei1", "", "着 起 了 上 包 书包 <r> 负 在 孩子 回 走 个 一个 得动 不动"},

	{"倒", "dao4", "水 茶 酒 油 奶 垃圾 汤 药", "在 到 了 满"},
	{"倒", "dao4", "", "了一杯 了杯 了两杯 了点 了水 了茶 了酒 一杯 杯 两杯"},
	{"倒", "dao3", "推 打 摔 跌 晕 滑 病 绊 撞 碰 压 跪 拉 卖 扑 累 放 栽 醉 难 不 拖 吹 扳 驳 辩", ""},
	{"倒", "dao3", "", "了 在 下 闭 霉 卖 塌 地 台 班 车 换 向"},

	{"空", "kong4", "有 没 没有 抽 得 留 等 腾 有点 不得", "$ 了 的时候 就 吗 再 来 去 <vr>"},
	{"空", "kong4", "", "着 出 格 位 余"},

	{"当", "dang4", "", "作 成 做 真 铺 回事 日 月 晚 夜"},
	{"当", "dang4", "上 恰 妥 典 适", "$ 了"},

	{"干", "gan1", "晾 晒 擦 吹 烘 很 太 口 嘴 又 喝 风 烤 饼 葡萄 豆腐 未 还没 已", "$ 的 又 燥 巴 <u> 净 了"},
	{"干", "gan1", "", "裂 冷 洗 货 粮 柴 草 衣服 毛巾 果 涸 枯 旱 湿"},

	{"系", "ji4", "", "鞋带 领带 围巾 安全带 上 好 着 扣 腰带 紧 带 在 了"},

	{"弹", "dan4", "<mq> 颗 枚 发 原子 氢 炸 子 炮 中 投 榴 导 核", ""},

	{"盛", "cheng2", "", "饭 汤 满 了 着 水 一碗 碗 菜 在 起 出 上 有 放 装"},

	{"曾", "zeng1", "姓 小 老 ^", "先生 老师 小姐 女士 氏 经理 总 教授 某 家 医生 主任 姐 哥"},

	{"率", "shuai4", "", "军 兵 部 队 师 众 团 舰队 领 先 新 国民军 红军 大军 <m>"},
	{"率", "lü4", "<nv>", ""},
	{"率", "shuai4", "", "<n>"},

	{"假", "jia4", "请 放 休 病 事 年 度 暑 寒 产 婚 周 月 期 春 销 告 节", "$ 了 的 后 前 <u>"},

	{"杆", "gan3", "<m> 枪 笔 秤 烟 这 那", ""},
	{"轧", "zha2", "", "钢 制 机"},

	{"卷", "juan3", "", "起 入 了 着 走 成 进 发 烟 曲 尺 土 心 袖 纸 铺 饼 在 得 不 来 住"},

	{"散", "san3", "", "装 沙 漫 落 户 兵 座 了架 了一地"},

	{"铺", "pu4", "<n>", "$ 的 子 里"},

	{"宿", "xiu3", "一 <m> 整", "$ 没 未 都"},

	{"吐", "tu4", "想 要 又 呕 上 直 喝", "了 $ 血 得 出来 奶"},
	{"吐", "tu4", "", "了一地 了一口血 得"},

	{"载", "zai3", "<m> 年 三 几 千 数 半 登 刊 转", ""},

	{"炸", "zha2", "", "鸡 鱼 薯条 酱 油条 虾 春卷 丸子 糕 豆腐 土豆 排骨 猪排 东西吃"},

	{"涨", "zhang4", "", "红 得通红 满"},

	{"冲", "chong4", "", "着 他 她 你 我 这"},

	{"量", "liang2", "", "一 了 体温 血压 身高 尺寸 过 着 体重 长度 得 出 体 身"},
	{"量", "liang2", "再 先 来 给 帮 请 去", ""},

	{"参", "shen1", "人 党 海 丹 玄 沙 苦 高丽 红 西洋", ""},

	{"差", "cha1", "之 温 误 落 反 偏 逆 顺 价 视 色 电位 级 数", ""},
	{"差", "chai1", "出 公 信 邮 钦 当 官 交", ""},

	{"斗", "dou3", "<m> 熨 漏 烟 北 车 星 阿", ""},

	{"缝", "feng2", "", "衣服 了 补 着 上 合 纫 好 制 了几针 在 <mn>"},

	{"划", "hua2", "", "船 破 着 开 伤 火柴 桨 了一 过水面 拳 得来 不来 到岸 龙舟"},

	{"撒", "sa3", "", "种 盐 水 在 上 满 下 播 糖 胡椒 点 些 了一地 得满"},

	{"扇", "shan1", "", "风 扇子 了 着 耳光 他 她 我 你 动"},

	{"塞", "sai1", "", "进 满 入 住 给 在 到 车 得 着 了 回 过 不 牙缝"},
	{"儿", "er2", "^ 女 婴 孤 幼 胎 少 健 妻 男 宠 弃 混 生", ""},
	{"儿", "r5", "", ""},

	{"舍", "she3", "", "得 不 弃 身 命 己 近 我 去 小 难 生"},
	{"舍", "she3", "不 难 割 取 施", ""},

	{"扎", "za1", "", "辫子 头发 马尾 起 成一 成捆"},

	{"中", "zhong4", "打 击 射 猜 选 投 考 刺 砸 看 抽 说 相 切", "$ 了 <munvr> 的"},
	{"中", "zhong4", "", "了奖 了毒 了弹 了枪 了计 了大奖 了暑 箭 邪 标 签 了彩票 了一"},

	{"转", "zhuan4", "", "圈 了一圈 圈圈 个不停 来转去 悠 了几圈 个圈 了两圈 了三圈 动 速 盘 轮"},
	{"转", "zhuan4", "~绕着 ~围着 绕 围绕 打 团团 轮子 不停地 公 自", "$ 的 <u>"},

	{"切", "qie4", "关 迫 心 急 恳 亲 密 确 贴 深 悲 真", ""},

	{"削", "xiao1", "", "苹果 皮 铅笔 果皮 梨 土豆 了 好 尖 个 一"},

	{"薄", "bao2", "很 太 最 更 较 又 不 好 挺 这么 那么 越来越 有点", ""},
	{"薄", "bao2", "", "片 饼 纸 板 冰 膜 的 如 一点 一些"},

	{"血", "xie3", "流了 吐了 出了 一滴 点 几滴 滴 一口 滴着", "$ 了 的"},

	{"啊", "a1", "^", ""},
	{"呀", "ya1", "^", ""},
	{"哇", "wa1", "^", ""},
	{"呢", "ni2", "", "绒 子 料"},

	{"看", "kan1", "", "门 孩子 家 守 管 护 押 着孩子 店"},
	{"宁", "ning4", "", "死不 为 缺 做 要"},
	{"落", "la4", "", "在家 在车 在出租车 了一 下一 下了 下几 下功课 下很多 下课 下太 后面"},
	{"尽", "jin3", "", "早 快 量 是 可能 先 着"},
	{"没", "mo4", "淹 沉 隐 湮 吞 埋 辱", ""},
	{"和", "huo4", "", "稀泥 弄 一和 药 点水"},
	{"和", "huo2", "", "好面 泥 水泥"},
	{"朝", "zhao1", "今 明 一", "$ 一夕"},
	{"供", "gong4", "招 口 翻 逼 串 上 摆 ^", "$ 着 认 桌 品 佛 奉 在"},
	{"应", "ying4", "", "邀 约 对 运 声 聘 试 验 酬 答 用 征 届"},
	{"应", "ying4", "反 响 照 供 呼 感 顺 适 效", ""},
	{"禁", "jin1", "不 弱不", "住 风 得住 笑 地"},
	{"晕", "yun4", "", "车 船 机 染 开"},
	{"挑", "tiao3", "", "起 拨 战 衅 头 动 逗 灯"},
	{"累", "lei3", "", "计 积 累 加 及 进"},
	{"给", "ji3", "供 补 配 自 目不暇", "$ 制 养 与"},
	{"磨", "mo4", "推 石 拉 电 水", "$ 豆 面 盘 坊"},
	{"露", "lou4", "", "脸 面 馅 一手 怯 头 马脚 了脸 了馅 出马脚 出一口"},
	{"模", "mu2", "", "具 子 样 板"},
	{"糊", "hu4", "", "弄"},
	{"喝", "he4", "大 一声 断 吆", "道 一声 斥 问 止 令 住"},
	{"更", "geng1", "三 五 半夜三 夜 打 变 四 二", "$ 天 半夜 换 改"},
	{"正", "zheng1", "新 ", "月"},
	{"咽", "ye4", "哽 呜 悲", ""},
	{"丧", "sang1", "", "事 礼 葬 服 家 钟"},
	{"闷", "men1", "", "热 头 不吭 不作声 声 得慌"},
	{"恶", "wu4", "好 可 厌 憎 深 交", ""},
	{"喷", "pen4", "", "香"},
	{"钉", "ding4", "", "上 在 住 钉子 书 扣子 牢 了"},
	{"佛", "fu2", "仿", ""},
	{"场", "chang2", "一 赶", "大雨 雨 大病 病 空 雪 大雪"},
	{"相", "xiang4", "照 真 长 面 扮 亮 首 宰 丞 吃 洋 金 睡 坐 站", ""},
	{"号", "hao2", "", "哭 叫 啕"},
	{"横", "heng4", "蛮 强 骄 专 霸", ""},
	{"强", "qiang3", "", "迫 求 人所难 词夺理 颜 忍 作"},
	{"待", "dai1", "", "在 着 了 一会 会 不住 过 上 到"},
	{"夹", "ga1", "", "肢窝"},
	{"粘", "nian2", "", "性 液 膜 土 稠 度"},
	{"屏", "bing3", "", "住 息 气 着 退 除 弃"},
	{"泊", "po1", "湖 血 水 梁山", ""},
	{"创", "chuang1", "重 受 受了 遭", "$ 了 伤"},
	{"扫", "sao4", "", "帚 把"},
	{"似", "shi4", "", "的"},
	{"藏", "zang4", "西 青 川 进 入 宝 道 大 三 汉 满蒙回", "$ 族 文 语 传 区 民 药 獒 历 医 香 胞"},
	{"称", "chen4", "", "心 职 体 意"},
	{"难", "nan4", "遇 避 受 落 逃 罹 遭 蒙 空 海 劫", "$ 者 于 中"},
	{"仔", "zi3", "", "细 猪 鸡 畜"},
	{"单", "shan4", "姓 ^", "雄信 田芳 老师"},
	{"奇", "ji1", "", "数 偶"},
	{"石", "dan4", "<m>", "米 粮 粮食 谷 小麦 大米"},
	{"钻", "zuan4", "<n> 电 风", "$ 的"},
	{"乐", "yue4", "奏 声 管弦 交响 爵士 摇滚", ""},
	{"好", "hao4", "^不 素 独 ", "逸恶劳 为人师 大喜功 高骛远 吃懒做 强 斗 战"},
	{"间", "jian4", "离 相 黑白相", "$"},
	{"少", "shao4", "老 恶 阔 大 二 三", "爷"},
	{"传", "zhuan4", "自 列 别 评 正 小 水浒 白蛇 英雄", "$"},
	{"处", "chu3", "共 相 独 设 身 惩 论 查 判 地", "在 于 以 死 理 了"},
	{"便", "pian2", "", "宜"},
	{"角", "jue2", "主 配 旦 名 丑 女主 男主 ", "色 $ 斗 逐 力"},
	{"车", "ju1", "", "马炮"},
	{"省", "xing3", "内 反 自 不 日", "人事 吾身"},
	{"片", "pian1", "", "子 儿"},
}

// classed is what a rule asks of a neighbour.
type classed struct {
	classes string
	size    int // characters at least
}

// test is an alternative of a rule, parsed.
type test struct {
	edge bool
	near bool
	text string
	word *classed
}

type parsedRule struct {
	phones      []string
	left, right []test
}

var parsedRules = sync.OnceValue(func() map[string][]parsedRule {
	m := map[string][]parsedRule{}
	for _, r := range rules {
		m[r.word] = append(m[r.word], parsedRule{strings.Fields(r.reading), parseTests(r.left), parseTests(r.right)})
	}
	return m
})

func parseTests(s string) []test {
	var tests []test
	for f := range strings.FieldsSeq(s) {
		switch {
		case f == "^", f == "$":
			tests = append(tests, test{edge: true})
		case f[0] == '~':
			tests = append(tests, test{near: true, text: f[1:]})
		case f[0] == '<':
			c := &classed{f[1 : len(f)-1], 1}
			if c.classes[0] == '2' {
				c.classes, c.size = c.classes[1:], 2
			}
			tests = append(tests, test{word: c})
		case strings.HasPrefix(f, "^"):
			tests = append(tests, test{edge: true, text: f[1:]})
		default:
			tests = append(tests, test{text: f})
		}
	}
	return tests
}

// near bounds how far ~ looks, in bytes of Han characters.
const near = 3 * 20

// context is a phrase as the rules see it.
type context struct {
	words []word
	plain string
	at    []int // where each word begins in plain, and the end
}

func newContext(phrase []word) *context {
	c := &context{words: phrase}
	var b strings.Builder
	for i := range phrase {
		c.at = append(c.at, b.Len())
		b.WriteString(string(phrase[i].plain))
	}
	c.plain, c.at = b.String(), append(c.at, b.Len())
	return c
}

// choose reads the words of the dictionary by their neighbours.
func (c *context) choose() {
	all := parsedRules()
	for i := range c.words {
		w := &c.words[i]
		if w.kind != free || len(w.plain) > 2 {
			continue
		}
		for _, r := range all[string(w.plain)] {
			if c.holds(r.left, i, true) && c.holds(r.right, i, false) {
				copy(w.phones, r.phones)
				break
			}
		}
	}
}

func (c *context) holds(tests []test, i int, left bool) bool {
	if len(tests) == 0 {
		return true
	}
	text, neighbour := c.plain[c.at[i+1]:], i+1
	if left {
		text, neighbour = c.plain[:c.at[i]], i-1
	}
	for _, t := range tests {
		switch {
		case t.word != nil:
			if neighbour >= 0 && neighbour < len(c.words) && t.word.matches(&c.words[neighbour]) {
				return true
			}
		case t.edge:
			if text == t.text {
				return true
			}
		case t.near:
			window := text[:min(len(text), near)]
			if left {
				window = text[max(0, len(text)-near):]
			}
			if strings.Contains(window, t.text) {
				return true
			}
		case left && strings.HasSuffix(text, t.text), !left && strings.HasPrefix(text, t.text):
			return true
		}
	}
	return false
}

func (t *classed) matches(w *word) bool {
	return len(w.plain) >= t.size && strings.IndexByte(t.classes, w.class) >= 0
}
