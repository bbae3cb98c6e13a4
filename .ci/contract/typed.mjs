// Makes a TypeScript program of request bodies, each a constant of the type
// that its vendor gives it, for the compiler to accept; and of bodies with a
// fault each, for it to refuse.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [bodies, out] = process.argv.slice(2);
const apis = {
  chat: { import: `import type OpenAI from "openai";`, type: "OpenAI.Chat.ChatCompletionCreateParams" },
  responses: { import: `import type OpenAI from "openai";`, type: "OpenAI.Responses.ResponseCreateParams" },
  anthropic: { import: `import type Anthropic from "@anthropic-ai/sdk";`, type: "Anthropic.MessageCreateParams" },
  gemini: { import: `import { FunctionCallingConfigMode, ThinkingLevel, type GenerateContentParameters } from "@google/genai";`, type: "GenerateContentParameters" },
};

// The library of Google's takes a request in another form than the API: the
// settings beside the tools, and enums in place of strings.
function gemini(body) {
  const { contents, generationConfig, ...config } = JSON.parse(body);
  const text = JSON.stringify({ model: "m", contents, config: { ...generationConfig, ...config } }, null, 1);
  return text
    .replace(/"mode": "(\w+)"/g, '"mode": FunctionCallingConfigMode.$1')
    .replace(/"thinkingLevel": "(\w+)"/g, (_, level) => `"thinkingLevel": ThinkingLevel.${level.toUpperCase()}`);
}

mkdirSync(out);
const programs = {};
for (const file of readdirSync(bodies).sort()) {
  const name = basename(file, ".json");
  const api = name.split("-")[0];
  // Anthropic's library no longer has temperature and top_p, which its newest
  // models refuse. The API still takes them for the others.
  if (name.startsWith("anthropic-sampling")) continue;
  const body = readFileSync(join(bodies, file), "utf8");
  const value = api === "gemini" ? gemini(body) : body;
  (programs[api] ??= []).push(`export const ${name.replaceAll("-", "_")}: ${apis[api].type} = ${value};`);
}

const faults = {
  chat: [
    `{ messages: [] }`,
    `{ model: "m", messages: [{ role: "user", content: "a" }], surprise: 1 }`,
    `{ model: "m", messages: [{ role: "tool", content: "a" }] }`,
    `{ model: "m", messages: [{ role: "assistant", tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: {} } }] }] }`,
    `{ model: "m", messages: [{ role: "user", content: [{ type: "image_url", image_url: "a" }] }] }`,
  ],
  responses: [
    `{ model: "m", input: [], stop: ["a"] }`,
    `{ model: "m", input: [{ type: "function_call_output", output: "a" }] }`,
    `{ model: "m", input: [], tools: [{ type: "function", function: { name: "f" } }] }`,
  ],
  anthropic: [
    `{ model: "m", messages: [] }`,
    `{ model: "m", max_tokens: 1, messages: [{ role: "system", content: 7 }] }`,
    `{ model: "m", max_tokens: 1, messages: [], seed: 1 }`,
    `{ model: "m", max_tokens: 1, messages: [{ role: "user", content: [{ type: "tool_result", content: "a" }] }] }`,
  ],
  gemini: [
    `{ model: "m" }`,
    `{ model: "m", contents: [{ role: "user", parts: [{ txt: "a" }] }] }`,
    `{ model: "m", contents: "a", config: { maxTokens: 1 } }`,
  ],
};

for (const [api, { import: head, type }] of Object.entries(apis)) {
  if (!programs[api] || programs[api].length < 10) throw new Error(`there are too few bodies of ${api}`);
  const planted = faults[api].map((f, i) => `// @ts-expect-error: the types must see this fault\nexport const fault${i}: ${type} = ${f};`);
  writeFileSync(join(out, `${api}.ts`), [head, ...programs[api], ...planted].join("\n") + "\n");
}
writeFileSync(join(out, "package.json"), `{"type": "module"}`);
writeFileSync(join(out, "tsconfig.json"), JSON.stringify({
  compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, target: "es2022", module: "nodenext", moduleResolution: "nodenext", types: [] },
  include: ["*.ts"],
}));
