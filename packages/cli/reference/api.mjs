import { describeService } from '@rookery/api';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** Every route of the service, from its OpenAPI document. */
export async function apiPage() {
  const { paths } = await describeService('0');
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method])
      .map((method) => {
        const { summary = '', operationId = '', tags = [] } = item[method];
        return {
          tag: tags[0] ?? 'other',
          row: `| \`${method.toUpperCase()} ${path}\` | ${summary} | ${operationId} |`,
        };
      }),
  );
  const groups = groupBy(rows);
  const parts = [...groups].map(
    ([tag, routes]) =>
      `## ${tag}\n\n| route | what it does | operation |\n| --- | --- | --- |\n${routes.map(({ row }) => row).join('\n')}`,
  );
  return `# HTTP API

The service describes itself: \`/openapi.json\` is the whole OpenAPI 3.1 document with every schema, \`/docs\` a page to read it on. Errors are problem documents (RFC 9457) with a [code](errors.md). By curl: [the API by example](../api.md).

${parts.join('\n\n')}
`;
}

function groupBy(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.tag, [...(groups.get(row.tag) ?? []), row]);
  return groups;
}
