"""Renders the templates beside this script as Hugging Face's transformers does and writes cases.json.

    python make.py

Made with jinja2 3.1; the environment is that of transformers.utils.chat_template_utils.
"""
import datetime
import glob
import itertools
import json
import os

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

here = os.path.dirname(os.path.abspath(__file__))
NOW = datetime.datetime(2026, 1, 5, 9, 7, 3)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env.filters["tojson"] = lambda x, indent=None: json.dumps(x, ensure_ascii=False, indent=indent)
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def message(role, content):
    return {"role": role, "content": content}


conversations = [
    [message("user", "Hi")],
    [message("system", "Be brief."), message("user", "Hi"), message("assistant", "Hello!"), message("user", "  What is <b> & \"q\", 春 and 🙂?\n ")],
    [message("user", "a\n\nb"), message("assistant", "<think>\nhm\n</think>\n\n c "), message("user", "d"), message("assistant", "e")],
    [message("user", "a"), message("user", "b")],
    [message("system", "alone")],
]

variables = {
    "qwen3.jinja": [{"enable_thinking": False}, {"enable_thinking": True}],
    "features.jinja": [{"undefined_thing": "a <b>"}, {"undefined_thing": [1, 2.5, None, {"k": "v"}]}],
}

cases = []
for path in sorted(glob.glob(os.path.join(here, "*.jinja"))):
    source = open(path, encoding="utf-8").read()
    name = os.path.basename(path)
    for given, conversation, reply in itertools.product([{}] + variables.get(name, []), conversations, (True, False)):
        case = {"template": name, "messages": conversation, "reply": reply}
        if given:
            case["variables"] = given
        try:
            case["want"] = environment().from_string(source).render(
                messages=conversation, add_generation_prompt=reply, bos_token="<s>", eos_token="</s>", **given)
        except jinja2.exceptions.TemplateError as e:
            case["refused"] = str(e)
        cases.append(case)
with open(os.path.join(here, "cases.json"), "w", encoding="utf-8") as f:
    json.dump(cases, f, ensure_ascii=False, indent=1)
    f.write("\n")
