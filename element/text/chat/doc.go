// Package chat lays out conversations by the template of a model: the Jinja source that its tokenizer_config.json, and
// a GGUF file as tokenizer.chat_template, has. Templates see what Hugging Face's transformers shows them
// (apply_chat_template) and mean what they mean there: messages, add_generation_prompt, bos_token, eos_token,
// raise_exception, strftime_now, and blocks that leave no line behind (trim_blocks and lstrip_blocks).
//
// A template comes with a file from somewhere. It is a program, so [Parse] refuses what no template of a conversation
// needs and could be used to stop the process, and [Template.Render] bounds its steps, time and what it holds.
package chat
