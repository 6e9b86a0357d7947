package measure

import "github.com/stride-ml/stride"

// Settings are the rows that a comparison of a model begins with, in which nothing
// is measured yet: all strategies that it serves, refine by so many passes as
// [CompareOptions] say. It fails with a [*stride.OptionError] as [Compare] does.
func Settings(info stride.Info, o CompareOptions) ([]Row, error) {
	o, err := o.withDefaults(info)
	if err != nil {
		return nil, err
	}
	return (&runner{o: o}).layout(info), nil
}

// Options are what a row asks of the model: strategy, passes, length, guesses and
// shortcuts.
func (row *Row) Options(info stride.Info) []stride.Option {
	opts := []stride.Option{stride.Strategy(row.strategies())}
	if row.Draft != "" {
		opts = append(opts, stride.Draft(row.Draft), stride.DraftMost(row.Asked))
	}
	if row.Strategy == "refine" {
		opts = append(opts, stride.Passes(row.Asked))
	}
	switch {
	case row.Length == "fixed":
		opts = append(opts, stride.Length(stride.LengthFixed))
	case row.Length == "predicted":
		opts = append(opts, stride.Length(stride.LengthPredicted))
	case row.Strategy == "refine" && info.Picture != nil:
		opts = append(opts, stride.Shortcut(row.Shortcut))
	}
	return opts
}

// BuiltinPrompts are those that a comparison takes where it is given none, and no
// data: for poems titles, with the forms that the model knows in turn.
func BuiltinPrompts(info stride.Info) []stride.Prompt { return builtinPrompts(info) }
