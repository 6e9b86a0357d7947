package measure

// Names of the rows that stand for floors and ceilings of pictures.
const (
	artists          = "real pictures"
	shuffledCaptions = "shuffled captions"
	shuffledPixels   = "shuffled pixels"
)

var (
	ofPictures = []Kind{KindPicture}
	asArtists  = []Bound{{Row: artists}}
	apart      = []Bound{{Row: shuffledPixels}}
)

// spreadOf is the median of draws with the least and the greatest of them.
func spreadOf(s Summary) Value { return Value{s.Median, s.Smallest, s.Greatest} }

// pictureMetrics are those of pictures; [PictureQuality] says what is compared
// with what.
var pictureMetrics = []Metric{
	{
		Name: "FD-own", Key: "fd_own", Title: "FD-own: distance of features", Kinds: ofPictures, Digits: 2, Plotted: true,
		Better: Lower, Ceiling: asArtists, Floor: apart, Interval: "spread",
		Source: "the distance of FID (Heusel et al., arXiv 1706.08500) on features of a classifier of the same pictures; not FID",
		Fooled: "blind to what tells no caption from another; few pictures bias all rows alike; the classifier saw the same training pictures",
		Of:     found(func(r *Row) Value { return spreadOf(r.Pictures.Features) }),
	},
	{
		Name: "SWD", Key: "swd", Title: "SWD: distance of patches", Kinds: ofPictures, Digits: 3, Plotted: true,
		Better: Lower, Ceiling: asArtists, Floor: apart, Interval: "spread",
		Source: "sliced Wasserstein distance (Karras et al., arXiv 1710.10196), patches of 7 by 7 pixels of premultiplied RGBA",
		Fooled: "blind to whether patches make up a thing",
		Of:     found(func(r *Row) Value { return spreadOf(r.Pictures.Patches) }),
	},
	{
		Name: "caption", Key: "caption_accuracy", Title: "share whose own caption fits best of 16", Kinds: ofPictures, Percent: true, Digits: 0, Plotted: true,
		Better: Higher, Ceiling: []Bound{{Row: artists}, {Value: 1}}, Floor: []Bound{{Row: shuffledCaptions}}, Interval: "95 %",
		Source: "stands in for a score by CLIP (Radford et al., arXiv 2103.00020), which does not know such captions",
		Fooled: "guidance overdoes what tells captions apart; bags of words; words of fewer than 20 training pictures do not count",
		Of:     found(func(r *Row) Value { return Value{r.Pictures.Captions, r.Pictures.CaptionsLow, r.Pictures.CaptionsHigh} }),
	},
	{
		Name: "colour", Key: "colour_accuracy", Title: "share that has the colour its caption names", Kinds: ofPictures, Percent: true, Digits: 0,
		Better: Higher, Ceiling: asArtists, Floor: []Bound{{Row: shuffledCaptions}},
		Source: "counted: more than half of what is drawn falls under the name in Oklab (Ottosson 2020)",
		Fooled: "one flat patch of the colour; real pictures need not be of one colour all over",
		Of:     bare(func(r *Row) float64 { return r.Pictures.Colours }),
	},
	{
		Name: "sharp", Key: "sharpness_ratio", Title: "energy of the Laplacian over that of real pictures", Kinds: ofPictures, Digits: 2,
		Better: Nearer, Ceiling: []Bound{{Value: 1}}, Floor: []Bound{{Value: 0}},
		Source: "energy of the Laplacian as a measure of focus (Subbarao, Choi and Nikzad 1993)",
		Fooled: "noise is detail, too: above 1 is no better",
		Of:     bare(func(r *Row) float64 { return r.Pictures.Sharpness }),
	},
	{
		Name: "copies", Key: "near_copies", Title: "share of near copies of training pictures", Kinds: ofPictures, Percent: true, Digits: 0,
		Better: Lower, Ceiling: asArtists, Floor: []Bound{{Value: 1}},
		Source: "root mean square distance below 0.05 from a training picture, mirrored or not",
		Fooled: "a copy moved by one pixel is not found; blurred pictures are near to plain ones",
		Of:     bare(func(r *Row) float64 { return r.Pictures.Copies }),
	},
	{
		Name: "diversity", Key: "diversity", Title: "distance of two pictures of one caption", Kinds: ofPictures, Digits: 3,
		Better: Nearer, Ceiling: asArtists, Floor: []Bound{{Value: 0}},
		Source: "mean root mean square distance of pairs, mean over captions",
		Fooled: "noise raises it, blur lowers it",
		Of:     bare(func(r *Row) float64 { return r.Pictures.Diversity }),
	},
}
