// Package image turns pictures into elements and back.
//
// A model that draws one pixel after another sees a picture as colours of a palette, in raster order, and one that draws
// all pixels at once as values of red, green, blue and alpha. The way from a folder of files to either:
//
//	data := image.Folder{Dir: "tiles", Captions: "captions.tsv", Fit: image.Fit{Width: 32, Height: 32, Nearest: true}}
//	items, skipped, err := data.Read(ctx)
//	if err != nil {
//		return err // what could not be read is in skipped, with reasons, and stops nothing
//	}
//	palette, err := image.LearnPalette(pictures, 64, seed)
//	if err != nil {
//		return err
//	}
//	ids := palette.Indices(nil, items[0].Image) // (H·W), 0 is transparent
//	x := image.Values(nil, items[0].Image)      // (H·W,4) of -1 to 1, colours multiplied by alpha
//	drawn := palette.Picture(ids, 32, 32)       // and back
//	same := image.FromValues(x, 32, 32, true)   // alpha is 0 or 255
//
// [Decode] and [Read] read single pictures within [Limits]; a file may come from anybody. [Fit] brings them to the size
// of a model, and leaves alone those that have it. A model file stores size, alpha and palette as the keys and values of
// [Format.Metadata].
//
// What is drawn is written by [EncodePNG], with texts that tell how it was made ([ReadTexts] gives them back), and the
// steps of drawing by [EncodeGIF] or [EncodeAPNG]. [Scale] and [Sheet] are for people to look at small pictures.
package image
