const BASE_URL: string = import.meta.env.VITE_API_URL ?? "/api";
const LIMIT_MS = 10_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Options {
  token: string;
  body?: unknown;
}

async function send(method: string, path: string, { token, body }: Options): Promise<Response> {
  const response = await fetch(`${BASE_URL}${path}`, {
    method,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  if (!response.ok) {
    throw new ApiError(response.status, `${method} ${path} was answered with ${response.status}`);
  }
  return response;
}

export async function getJson<T>(path: string, token: string): Promise<T> {
  return (await send("GET", path, { token })).json();
}

export async function postJson<T>(path: string, token: string, body?: unknown): Promise<T> {
  return (await send("POST", path, { token, body })).json();
}

export async function patchJson<T>(path: string, token: string, body: unknown): Promise<T> {
  return (await send("PATCH", path, { token, body })).json();
}
