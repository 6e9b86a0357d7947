package command

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride/explain"
	"github.com/stride-ml/stride/internal/columns"
)

// explainCommand is stride explain.
type explainCommand struct {
	Strategy string `arg:"" optional:"" default:"all" help:"ar, nar, refine, flow (refine of pictures), speculate, cascade, or all for an overview."`
	Lang     string `enum:"en,zh" default:"en" help:"Language: en (English) or zh (Traditional Chinese), of this help too."`
	Seed     uint64 `help:"Seed of what is drawn; the same one draws the same."`
	Passes   int    `placeholder:"N" help:"Passes of refine (1 to 8), or of flow (1 to 64), which then shows them one by one."`
	Width    int    `placeholder:"CELLS" help:"Width of lines, 40 to 200; the terminal's if that is less than 80, else 80."`
}

// Help is shown below the command's line.
func (explainCommand) Help() string {
	return `The strategy's own machine runs on an example that is small enough to see: a table of probabilities, or two pictures, stands in for the network. What is printed is what it did.

Begin with:

  stride explain
  stride explain nar
  stride explain refine --passes 3
  stride explain flow
  stride explain refine --lang zh`
}

// Run is called by kong.
func (e *explainCommand) Run(c *console) error {
	o := explain.Options{Lang: e.Lang, Seed: e.Seed, Passes: e.Passes, Width: e.Width, Colour: c.colours}
	if o.Width == 0 {
		width, _ := c.size()
		o.Width = max(40, min(width, 80))
	}
	return explain.Write(c.styledOut, e.Strategy, o)
}

// chinese is the help of stride explain in Traditional Chinese, by the names of its
// arguments and flags.
var chinese = map[string]string{
	"explain": `用一個螢幕的篇幅講清楚一種生成策略。

策略本身的程式真的在一個看得見的小例子上執行：用一張機率表（或兩張圖）代替
網路，印出來的就是它做的事。

從這裡開始：

  stride explain --lang zh
  stride explain nar --lang zh
  stride explain refine --lang zh --passes 3
  stride explain flow --lang zh
`,
	"strategy": "ar、nar、refine、flow（圖片的 refine）、speculate、cascade，\n或 all（總覽）。",
	"help":     "顯示這份說明。",
	"lang":     "語言：en（英文）或 zh（繁體中文），這份說明也跟著換。",
	"seed":     "亂數種子，同一個種子抽出同樣的結果。",
	"passes":   "refine 跑幾趟（1 到 8），或 flow 跑幾趟（1 到 64），\nflow 會一趟一趟畫出來。",
	"width":    "每行幾格寬，40 到 200；預設是終端機的寬度，最多 80。",
}

// helpIn prints help in English, as kong does, and that of stride explain in the
// language that is asked for beside it.
func helpIn(options kong.HelpOptions, ctx *kong.Context) error {
	node := ctx.Selected()
	if node == nil || node.Name != "explain" || langOf(ctx) != "zh" {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "用法：%s %s\n\n%s\n", ctx.Model.Name, node.Summary(), chinese[node.Name])
	var rows [][]string
	for _, a := range node.Positional {
		rows = append(rows, helpRows(a.Summary(), chinese[a.Name])...)
	}
	fmt.Fprintf(&b, "引數：\n  %s\n\n", strings.Join(columns.Align(rows), "\n  "))
	rows = nil
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			name := f.String()
			if f.Short == 0 {
				name = "    " + name
			}
			rows = append(rows, helpRows(name, chinese[f.Name])...)
		}
	}
	fmt.Fprintf(&b, "選項：\n  %s\n", strings.Join(columns.Align(rows), "\n  "))
	_, err := b.WriteTo(ctx.Stdout)
	return err
}

// helpRows puts lines of help beside what they are of.
func helpRows(name, help string) (rows [][]string) {
	for line := range strings.SplitSeq(help, "\n") {
		rows = append(rows, []string{name, line})
		name = ""
	}
	return rows
}

// langOf is the language that a command line asks for.
func langOf(ctx *kong.Context) string {
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "lang" {
			lang, _ := ctx.FlagValue(p.Flag).(string)
			return lang
		}
	}
	return ""
}
