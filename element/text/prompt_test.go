package text

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

var poemFormat = Format{
	Separate: true,
	Conditions: []Condition{
		{Name: "dynasty", Values: []string{"宋", "唐"}, Lines: [][]int{nil, nil}},
		{Name: "form", Values: []string{"七言絕句", "五言絕句", "五言律詩"}, Lines: [][]int{{7, 7, 7, 7}, {5, 5, 5, 5}, nil}},
	},
}

func formatTokenizer(t *testing.T, f Format) *Tokenizer {
	t.Helper()
	tok, err := Train(slices.Values([]string{"春曉", "春眠不覺曉"}), TrainOptions{MinCount: 1, Controls: f.Controls()})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestFormatEncode(t *testing.T) {
	tok := formatTokenizer(t, poemFormat)
	for _, tc := range []struct {
		prompt     string
		conditions map[string]string
		want       string
	}{
		{"春曉", map[string]string{"form": "五絕", "dynasty": "唐"}, "<s> <唐> <五言絕句> 春 曉 <sep>"},
		{"春", map[string]string{"form": "七言絕句"}, "<s> <any> <七言絕句> 春 <sep>"},
		{"", map[string]string{"form": "any"}, "<s> <any> <any> <sep>"},
		{"<sep>", nil, "<s> <any> <any> <0x3C> <0x73> <0x65> <0x70> <0x3E> <sep>"}, // typed text is text
	} {
		ids, err := poemFormat.Encode(tok, tc.prompt, tc.conditions)
		if err != nil {
			t.Fatal(err)
		}
		var pieces []string
		for _, id := range ids {
			pieces = append(pieces, tok.Piece(id))
		}
		if got := strings.Join(pieces, " "); got != tc.want {
			t.Errorf("%q %v: %s, want %s", tc.prompt, tc.conditions, got, tc.want)
		}
	}
	plain := Format{}
	if ids, err := plain.Encode(tok, "春", nil); err != nil || len(ids) != 2 || ids[0] != tok.BOS() {
		t.Errorf("a text that is continued: %v, %v", ids, err)
	}
	for want, conditions := range map[string]map[string]string{
		`no condition "style"; known: dynasty, form`:  {"style": "x"},
		`form "絕" could be 七言絕句 or 五言絕句`:              {"form": "絕"},
		`dynasty is "元", want one of 宋, 唐`:            {"dynasty": "元"},
		`form is "", want one of 七言絕句, 五言絕句, 五言律詩`:    {"form": ""},
		`form is "五絕五", want one of 七言絕句, 五言絕句, 五言律詩`: {"form": "五絕五"},
	} {
		if _, err := poemFormat.Encode(tok, "春", conditions); err == nil || err.Error() != want {
			t.Errorf("%v: error %v, want %s", conditions, err, want)
		}
	}
	if _, err := poemFormat.Encode(formatTokenizer(t, Format{}), "春", nil); err == nil || !strings.Contains(err.Error(), "lacks the control token <any>") {
		t.Errorf("a tokenizer of another format: %v", err)
	}
}

func TestFormatMetadata(t *testing.T) {
	for _, f := range []Format{poemFormat, {}, {Separate: true}} {
		m := f.Metadata()
		got, err := FormatFromMetadata(func(key string) (any, bool) { v, ok := m[key]; return v, ok })
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("%+v came back as %+v, %v", f, got, err)
		}
	}
	for want, change := range map[string]map[string]any{
		"stride.prompt.separate is a string":            {"stride.prompt.separate": "yes"},
		"stride.prompt.conditions is a int":             {"stride.prompt.conditions": 3},
		"stride.condition.form.lines has 1 entries":     {"stride.condition.form.lines": []string{"5 5"}},
		`stride.condition.form.lines[1] is "5 x"`:       {"stride.condition.form.lines": []string{"", "5 x", ""}},
		`stride.condition.form.lines[0] is "99999999"`:  {"stride.condition.form.lines": []string{"99999999", "", ""}},
		"stride.condition.form.values is a []int, want": {"stride.condition.form.values": []int{1}},
		"stride.condition.other.lines has 0 entries":    {"stride.prompt.conditions": []string{"other"}},
	} {
		m := poemFormat.Metadata()
		for k, v := range change {
			m[k] = v
		}
		if _, err := FormatFromMetadata(func(key string) (any, bool) { v, ok := m[key]; return v, ok }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", change, err, want)
		}
	}
}
