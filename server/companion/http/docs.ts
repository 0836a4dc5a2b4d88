/** /docs: the description as a page to read, made here, with nothing fetched from anywhere. */

type Described = {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
type Operation = {
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
type Schema = {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
};

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 13px/1.5 ui-monospace, monospace }
summary { cursor: pointer } details { margin: .5rem 0 }
td { padding: .15rem .8rem .15rem 0; vertical-align: top }`;

export function renderDocs(api: Record<string, unknown>): string {
  const { info, paths, components } = api as unknown as Described;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => renderOperation(method, path, operation, components.schemas)),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${toHtml(info.title)}</title><style>${STYLE}</style>
<h1>${toHtml(info.title)}</h1><p>${toHtml(info.description)} For programs: <a href="/openapi.json">openapi.json</a>.</p>
<p>Send <code>Authorization: Bearer TOKEN</code>; tokens come from <code>POST /v1/pair</code> or <code>twostep token create</code>.</p>
${operations.join('\n')}</html>`;
}

function renderOperation(
  method: string,
  path: string,
  { summary, security, requestBody }: Operation,
  schemas: Described['components']['schemas'],
): string {
  const given = requestBody?.content['application/json']?.schema;
  const schema = given?.$ref === undefined ? given : schemas[given.$ref.slice(given.$ref.lastIndexOf('/') + 1)];
  const rows = Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description = '', ...rest } = property as { description?: string };
    const must = schema?.required?.includes(name) ? ', needed' : '';
    return `<tr><td><code>${toHtml(name)}</code>${must}<td>${toHtml(description)}<td><code>${toHtml(brief(rest))}</code>`;
  });
  const note = security?.length === 0 ? ' (no token needed)' : '';
  return `<details><summary><code>${method.toUpperCase()} ${toHtml(path)}</code> ${toHtml(summary)}${note}</summary><table>${rows.join('')}</table></details>`;
}

/** A schema in one line. */
const brief = (schema: object): string => JSON.stringify(schema).slice(0, 300);

const toHtml = (text: string) => text.replaceAll(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
