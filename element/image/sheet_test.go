package image

import (
	"bytes"
	stdimage "image"
	"image/color"
	"testing"
)

func TestScale(t *testing.T) {
	for _, tc := range []struct {
		k    int
		want string
	}{{1, "rh/.b"}, {2, "rrhh/rrhh/..bb/..bb"}, {0, "rh/.b"}, {-3, "rh/.b"}} {
		if got := letters(Scale(paint("rh", ".b"), tc.k)); got != tc.want {
			t.Errorf("times %d: %s, want %s", tc.k, got, tc.want)
		}
	}
	part := paint("rg", "bk").SubImage(stdimage.Rect(1, 1, 2, 2)).(*stdimage.NRGBA)
	if got := letters(Scale(part, 2)); got != "kk/kk" {
		t.Errorf("a part: %s", got)
	}
}

func TestSheet(t *testing.T) {
	r, g, small := paint("rr", "rr"), paint("gg", "gg"), paint("b")
	for _, tc := range []struct {
		name         string
		pictures     []*stdimage.NRGBA
		columns, gap int
		ground       color.Color
		want         string
	}{
		{"row", []*stdimage.NRGBA{r, g}, 2, 0, nil, "rrgg/rrgg"},
		{"gap", []*stdimage.NRGBA{r, g}, 2, 1, color.White, "wwwwwww/wrrwggw/wrrwggw/wwwwwww"},
		{"column", []*stdimage.NRGBA{r, g}, 1, 0, nil, "rr/rr/gg/gg"},
		{"fewer than columns", []*stdimage.NRGBA{r}, 5, -1, nil, "rr/rr"},
		{"two rows", []*stdimage.NRGBA{r, g, r}, 2, 0, color.Black, "rrgg/rrgg/rrkk/rrkk"},
		{"as wide as high", []*stdimage.NRGBA{r, g, r, g}, 0, 0, nil, "rrgg/rrgg/rrgg/rrgg"},
		{"small in the middle", []*stdimage.NRGBA{paint("rrr", "rrr", "rrr"), small}, 2, 0, nil, "rrr.../rrr.b./rrr..."},
		{"nil", []*stdimage.NRGBA{nil, small}, 2, 0, color.White, "wb"},
		{"faint on nothing", []*stdimage.NRGBA{paint("h.")}, 1, 0, nil, "h."},
		{"transparent", []*stdimage.NRGBA{paint("r.")}, 1, 0, color.White, "rw"},
	} {
		if got := letters(Sheet(tc.pictures, tc.columns, tc.gap, tc.ground)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if got := Sheet(nil, 3, 2, color.White); !got.Rect.Empty() {
		t.Errorf("no pictures: %v", got.Rect)
	}
	if got := Sheet([]*stdimage.NRGBA{paint("h")}, 1, 0, color.White); !bytes.Equal(got.Pix, []uint8{255, 127, 127, 255}) {
		t.Errorf("half red on white: %v", got.Pix)
	}
	if got := Sheet([]*stdimage.NRGBA{paint("h")}, 1, 0, color.NRGBA{0, 0, 255, 128}); !bytes.Equal(got.Pix, []uint8{170, 0, 85, 192}) {
		t.Errorf("half red on half blue: %v", got.Pix)
	}
}
