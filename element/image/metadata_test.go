package image

import (
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"
)

func lookup(m map[string]any) func(string) (any, bool) {
	return func(key string) (any, bool) { v, ok := m[key]; return v, ok }
}

func TestFormatMetadata(t *testing.T) {
	for _, f := range []Format{
		{Width: 32, Height: 32, BinaryAlpha: true, Palette: Palette{none, red, green, blue}},
		{Width: 1, Height: 1024},
		{Width: 16, Height: 8, BinaryAlpha: true},
		{Width: 16, Height: 8, Norm: Norm{Mean: [4]float32{0.5, -1, 0.25, 1}, Deviation: [4]float32{0.5, 1, 0.02, 0.25}}},
	} {
		got, ok, err := FormatFromMetadata(lookup(f.Metadata()))
		if err != nil || !ok || !reflect.DeepEqual(got, f) {
			t.Errorf("%v becomes %v, %v, %v", f, got, ok, err)
		}
	}
	m := Format{Width: 3, Height: 2, Palette: Palette{none, {1, 2, 3, 255}}}.Metadata()
	want := map[string]any{
		"stride.image.width": uint32(3), "stride.image.height": uint32(2), "stride.image.alpha": "smooth",
		"stride.image.palette": []uint32{0, 0x010203ff},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("%v, want %v", m, want)
	}
	if f, ok, err := FormatFromMetadata(lookup(map[string]any{"general.name": "tang"})); ok || err != nil {
		t.Errorf("a model of text: %v, %v, %v", f, ok, err)
	}
}

func TestFormatFromMetadataErrors(t *testing.T) {
	good := Format{Width: 32, Height: 32, BinaryAlpha: true, Palette: Palette{none, red},
		Norm: Norm{Deviation: [4]float32{1, 1, 1, 1}}}.Metadata()
	for _, tc := range []struct {
		key   string
		value any // nil: the key is missing
		want  string
	}{
		{keyWidth, nil, "no stride.image.width, want 1 to 1024"},
		{keyWidth, uint32(0), "stride.image.width is 0, want 1 to 1024"},
		{keyWidth, int32(-5), "stride.image.width is -5, want 1 to 1024"},
		{keyHeight, uint64(1 << 63), "stride.image.height is 9223372036854775808, want 1 to 1024"},
		{keyHeight, int64(1025), "stride.image.height is 1025, want 1 to 1024"},
		{keyHeight, "32", "stride.image.height is a string, want uint32"},
		{keyAlpha, nil, "stride.image.alpha is a <nil>, want a string"},
		{keyAlpha, []string{"binary"}, "stride.image.alpha is a []string, want a string"},
		{keyAlpha, "none", `stride.image.alpha is "none", want binary or smooth`},
		{keyPalette, []int32{0}, "stride.image.palette is a []int32, want a list of uint32"},
		{keyPalette, []uint32{0}, "stride.image.palette has 1 entries, want 2 to 256"},
		{keyPalette, make([]uint32, 257), "stride.image.palette has 257 entries, want 2 to 256"},
		{keyPalette, []uint32{0xff, 0xff}, "stride.image.palette[0] is 0x000000ff, want a transparent colour"},
		{keyPalette, []uint32{0, 0xff, 0x01020380}, "stride.image.palette[2] is 0x01020380, want an opaque colour"},
		{keyMean, nil, "no stride.image.mean, want stride.image.mean and stride.image.deviation or neither"},
		{keyDeviate, nil, "no stride.image.deviation, want stride.image.mean"},
		{keyMean, []float32{0, 0, 0}, "stride.image.mean is a []float32, want a list of 4 float32"},
		{keyMean, []float32{0, 0, -1.5, 0}, "stride.image.mean[2] is -1.5, want -1 to 1"},
		{keyDeviate, []float32{1, 1, 1, 0}, "stride.image.deviation[3] is 0, want 0.02 to 1"},
		{keyDeviate, []float32{float32(math.NaN()), 1, 1, 1}, "stride.image.deviation[0] is NaN, want 0.02 to 1"},
	} {
		m := maps.Clone(good)
		if m[tc.key] = tc.value; tc.value == nil {
			delete(m, tc.key)
		}
		if _, ok, err := FormatFromMetadata(lookup(m)); !ok || err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s %v: %v, %v, want %s", tc.key, tc.value, ok, err, tc.want)
		}
	}
}
