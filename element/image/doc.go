// Package image turns pictures into elements and back: into colours of a palette, for models that draw one pixel after
// another, or into values, for models that draw all at once.
package image
