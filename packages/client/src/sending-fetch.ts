/** How much of a request's body has left. Bytes. */
export type OnSent = (sent: number, total: number) => void;
export type Fetch = (request: Request) => Promise<Response>;

/**
 * A fetch that tells how much of the body has been sent. Browsers tell that to XMLHttpRequest only; elsewhere the whole body is
 * reported once the answer is there.
 */
export function sendingFetch(onSent: OnSent, plain: Fetch): Fetch {
  return async (request) => {
    const body = await request.clone().blob();
    if (typeof XMLHttpRequest === 'function') return viaXhr(request, body, onSent);
    const response = await plain(request);
    onSent(body.size, body.size);
    return response;
  };
}

function viaXhr(request: Request, body: Blob, onSent: OnSent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method, url, headers, signal, credentials } = request;
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.withCredentials = credentials === 'include';
    xhr.responseType = 'blob';
    headers.forEach((value, name) => {
      xhr.setRequestHeader(name, value);
    });
    const abort = (): void => xhr.abort();
    xhr.upload.onprogress = ({ loaded, total }) => onSent(Math.min(loaded, body.size), Math.min(total, body.size));
    xhr.onload = () => resolve(answerOf(xhr));
    xhr.onerror = () => reject(new TypeError(`${method} ${url} was not answered`));
    xhr.onabort = () => reject(signal.reason ?? new DOMException('The request was given up.', 'AbortError'));
    xhr.onloadend = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', abort);
    xhr.send(body.size > 0 ? body : null);
  });
}

function answerOf(xhr: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of xhr.getAllResponseHeaders().trim().split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const bodiless = xhr.status === 204 || xhr.status === 304;
  return new Response(bodiless ? null : (xhr.response as Blob), { status: xhr.status, headers });
}
