package measure

// buildLevels counts the n-grams of text, which holds poems one after another,
// each from begin to end, and returns the trie of them, level by level, with
// the counts that Kneser-Ney smoothing wants.
//
// Sorting the positions of the text by the order symbols that start there puts
// equal n-grams of every length side by side, already in the order of the trie.
// That takes the time of a few passes over the text and no hashing.
func buildLevels(order, vocabulary int, text []uint16) []level {
	padded := append(text, make([]uint16, order)...)
	sorted := sortPositions(order, vocabulary, padded)
	reach := reaches(order, text)
	shared, sizes := compareNeighbours(order, padded, sorted, reach)

	levels := make([]level, order)
	for k := range levels {
		levels[k].last = make([]uint16, 0, sizes[k])
		if k+1 < order {
			levels[k].child = make([]uint32, 0, sizes[k]+1)
		}
	}
	// ranks[p*order+k-1] is the n-gram of length k that starts at p.
	ranks := make([]uint32, (len(text)+1)*order)
	for i, p := range sorted {
		n := int(reach[p])
		for k := int(shared[i]); k < n; k++ {
			if k+1 < order {
				levels[k].child = append(levels[k].child, uint32(len(levels[k+1].last)))
			}
			levels[k].last = append(levels[k].last, padded[int(p)+k])
		}
		row := ranks[int(p)*order:]
		for k := range n {
			row[k] = uint32(len(levels[k].last) - 1)
		}
	}
	for k := range order - 1 {
		levels[k].child = append(levels[k].child, uint32(len(levels[k+1].last)))
	}

	counts := make([][]uint32, order)
	for k := range counts {
		counts[k] = make([]uint32, sizes[k]+1)
	}
	countGrams(order, text, sorted, reach, shared, ranks, counts)
	for k, c := range counts {
		sum := uint32(0)
		for i := range c {
			c[i], sum = sum, sum+c[i]
		}
		levels[k].sums = c
	}
	return levels
}

// compareNeighbours returns, for each sorted position, how many symbols of its
// n-gram it shares with the position before it, so that its longer n-grams are
// new to the trie; and how many distinct n-grams of each length there are.
func compareNeighbours(order int, padded []uint16, sorted []uint32, reach []uint8) (shared []uint8, sizes []int) {
	shared, sizes = make([]uint8, len(sorted)), make([]int, order)
	var before []uint16
	for i, p := range sorted {
		n := int(reach[p])
		at := padded[p : int(p)+order]
		s := 0
		for before != nil && s < n && at[s] == before[s] {
			s++
		}
		shared[i] = uint8(s)
		for k := s; k < n; k++ {
			sizes[k]++
		}
		before = at
	}
	return shared, sizes
}

// countGrams fills counts: at the highest order how often an n-gram occurs,
// below it how many distinct symbols come before it, or how often it occurs if
// nothing can come before it because it starts a poem.
func countGrams(order int, text []uint16, sorted []uint32, reach, shared []uint8, ranks []uint32, counts [][]uint32) {
	for i, p := range sorted {
		n := int(reach[p])
		row := ranks[int(p)*order:]
		if n == order && (order > 1 || text[p] != begin) {
			counts[order-1][row[order-1]]++
		}
		if text[p] == begin {
			for k := 1; k < min(n, order-1); k++ {
				counts[k][row[k]]++
			}
		}
		// A new n-gram is one more symbol before the n-gram that it becomes
		// without its first symbol.
		suffix := ranks[(int(p)+1)*order:]
		for k := max(1, int(shared[i])); k < n; k++ {
			counts[k-1][suffix[k-1]]++
		}
	}
}

// reaches returns, for each position, how many symbols an n-gram may take from
// there: at most order, and not past the end of the poem.
func reaches(order int, text []uint16) []uint8 {
	reach := make([]uint8, len(text))
	n := 0
	for p := len(text) - 1; p >= 0; p-- {
		if text[p] == end {
			n = 0
		}
		n = min(n+1, order)
		reach[p] = uint8(n)
	}
	return reach
}

// sortPositions returns the positions of a text that ends in order symbols of
// padding, sorted by the order symbols that start there: a radix sort with one
// digit a symbol, the last symbol first.
func sortPositions(order, vocabulary int, padded []uint16) []uint32 {
	n := len(padded) - order
	from, to := make([]uint32, n), make([]uint32, n)
	for p := range from {
		from[p] = uint32(p)
	}
	next := make([]uint32, vocabulary)
	for j := order - 1; j >= 0; j-- {
		clear(next)
		for _, id := range padded[j : j+n] {
			next[id]++
		}
		sum := uint32(0)
		for id, c := range next {
			next[id] = sum
			sum += c
		}
		for _, p := range from {
			id := padded[int(p)+j]
			to[next[id]] = p
			next[id]++
		}
		from, to = to, from
	}
	return from
}
