// Package grammar limits what a response may be: to the sentences of a grammar
// that its user wrote ([Parse]), or to the values that a JSON schema allows
// ([FromSchema]).
//
// Either becomes a [Grammar]: rules over bytes, as a small program whose
// instructions read a byte, choose, call a rule or return. An [Automaton] runs it
// over the tokens of a [Vocabulary]. Its states are sets of stacks of return
// addresses (a pushdown automaton whose choices are all followed at once), made
// when they are first met, each one once. For a state it finds which tokens may
// come next by walking the bytes of all tokens as a tree, so that tokens with a
// common beginning are read together and a beginning that does not fit rules out
// all of them; and it remembers the answer. A token that ends within a character
// leaves a state within that character.
//
// A [Matcher] follows one response, and can go back, which costs nothing: states
// never change. It knows of every state how few bytes complete the response, and
// near the end of what may be produced allows only what can still be completed.
// [Matcher.Automaton] gives the states as a finite automaton over tokens where
// there are few enough, for strategies that do not go from left to right.
//
// A grammar may be hostile: the size of the program, the depth of nesting and of
// the stacks and the work for a set of tokens are bounded, left recursion and
// rules that cannot end are refused.
package grammar
