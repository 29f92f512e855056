import { errorCodes, errorMessage } from '@rookery/contracts';
import { isAnswered, statusOf } from '../http/status.ts';
import { describeSchema } from './describe-schema.ts';
import type { Content, OpenApiDocument, Operation } from './document.ts';
import { type Html, html, raw } from './html.ts';

/** The OpenAPI document as a page to read: no scripts, nothing from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = document.tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ operation }) => operation.tags?.[0] === name),
  }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rookery API</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<header><h1>Rookery API <small>${String(document.info.version)}</small></h1>
<p>${String(document.info.description)} The same for programs: <a href="/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).</p></header>
<nav aria-label="Contents"><ul>${groups.map(
    ({ name, operations: own }) =>
      html`<li><a href="#${anchor(name)}">${name}</a><ul>${own.map(
        ({ path, method }) => html`<li><a href="#${anchor(`${method} ${path}`)}"><b>${method}</b> ${path}</a></li>`,
      )}</ul></li>`,
  )}<li><a href="#authentication">Authentication</a></li><li><a href="#errors">Errors</a></li></ul></nav>
<main>
${groups.map(
  ({ name, description, operations: own }) => html`<section id="${anchor(name)}"><h2>${name}</h2><p>${description}</p>
${own.map(({ path, method, operation }) => operationOf(path, method, operation, document))}</section>`,
)}
${authentication}
${errorTable()}
</main>
</body>
</html>
`.text;
}

function operationOf(path: string, method: string, operation: Operation, document: OpenApiDocument): Html {
  const { summary = '', description, parameters = [], requestBody, responses, security } = operation;
  const [scope] = Object.values(security[0] ?? {})[0] ?? [];
  return html`<article id="${anchor(`${method} ${path}`)}">
<h3><code><b class="${method}">${method}</b> ${path}</code></h3>
<p>${summary}${scope ? html` <span class="scope">scope ${scope}</span>` : ''}</p>
${description ? html`<p>${description}</p>` : ''}
${
  parameters.length > 0
    ? html`<h4>Parameters</h4><table><thead><tr><th>Name</th><th>In</th><th>Value</th><th>Meaning</th></tr></thead><tbody>${parameters.map(
        (each) =>
          html`<tr><td><code>${each.name}</code>${each.required ? raw('<sup title="required">*</sup>') : ''}</td><td>${each.in}</td><td>${describeSchema(each.schema, document)}</td><td>${each.description ?? ''}</td></tr>`,
      )}</tbody></table>`
    : ''
}
${requestBody ? html`<h4>Body</h4>${contentOf(requestBody.content, document)}` : ''}
<h4>Answers</h4>
${Object.entries(responses)
  .filter(([, response]) => response.$ref === undefined)
  .map(
    ([status, response]) =>
      html`<p><code>${status}</code> ${String(response.description)}</p>${contentOf((response.content ?? {}) as Content, document)}`,
  )}
<p class="errors">Errors: ${Object.keys(responses)
    .filter((status) => /^[45]/.test(status))
    .map((status) => html`<a href="#errors">${status}</a> `)}</p>
</article>`;
}

const contentOf = (content: Content, document: OpenApiDocument): Html =>
  html`${Object.entries(content).map(
    ([type, { schema }]) =>
      html`<details><summary><code>${type}</code></summary>${describeSchema(schema, document)}</details>`,
  )}`;

const authentication = html`<section id="authentication"><h2>Authentication</h2>
<p>A service that is bound to this machine alone may ask for no keys; it says so when it starts. Every other one wants a key, made with
<code>rookery keys create</code>, as <code>Authorization: Bearer rk_...</code> or <code>X-API-Key: rk_...</code>. A key has scopes:
<code>classify</code>, <code>jobs</code>, <code>models</code>; <code>admin</code> may do everything.</p></section>`;

function errorTable(): Html {
  const rows = errorCodes
    .filter(isAnswered)
    .map((code) => ({ code, status: statusOf(code), text: errorMessage(code) }))
    .sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
  return html`<section id="errors"><h2>Errors</h2>
<p>The body of every error is a problem document (RFC 9457), <code>application/problem+json</code>: <code>code</code> is stable,
<code>requestId</code> also stands in the header <code>X-Request-Id</code> and in the service's log. A picture that cannot be labelled is no
error of the request: it has <code>error</code> in its place.</p>
<table><thead><tr><th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>${rows.map(
    ({ code, status, text }) =>
      html`<tr id="${code}"><td>${String(status)}</td><td><code>${code}</code></td><td>${text}</td></tr>`,
  )}</tbody></table></section>`;
}

const anchor = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
