import type { Logger } from '@rookery/telemetry';

const expiresMinutes = 60;
/** Well before the protection runs out. */
const renewMs = (expiresMinutes * 60_000) / 3;
/** A worker between two tasks is not idle. */
const idleForMs = 10_000;
const timeoutMs = 5_000;

export interface ScaleInProtectionOptions {
  /** The ECS agent's address, `ECS_AGENT_URI` in the container's environment. */
  readonly agentUri: string;
  readonly log: Logger;
  readonly idleForMs?: number | undefined;
}

/**
 * Holds ECS task scale-in protection while the worker is busy, so that scaling in takes idle workers first.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 * It is an optimisation: whatever fails is logged, and a worker that is ended anyway hands its tasks back.
 */
export class ScaleInProtection implements AsyncDisposable {
  readonly #options: ScaleInProtectionOptions;
  #wanted = false;
  #idle: NodeJS.Timeout | undefined;
  #renew: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: ScaleInProtectionOptions) {
    this.#options = options;
  }

  busy(busy: boolean): void {
    clearTimeout(this.#idle);
    if (busy) this.#want(true);
    else this.#idle = setTimeout(() => this.#want(false), this.#options.idleForMs ?? idleForMs).unref();
  }

  #want(enabled: boolean): void {
    if (enabled === this.#wanted) return;
    this.#wanted = enabled;
    clearInterval(this.#renew);
    if (enabled) this.#renew = setInterval(() => this.#put(true), renewMs).unref();
    this.#put(enabled);
  }

  /** One request at a time, in order. */
  #put(enabled: boolean): void {
    this.#last = this.#last.then(() => this.#request(enabled));
  }

  async #request(enabled: boolean): Promise<void> {
    try {
      const response = await fetch(new URL('task-protection/v1/state', withSlash(this.#options.agentUri)), {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          enabled ? { ProtectionEnabled: true, ExpiresInMinutes: expiresMinutes } : { ProtectionEnabled: false },
        ),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body = await response.text();
      if (!response.ok || body.includes('"failure"')) {
        this.#options.log.warn(
          { status: response.status, body: body.slice(0, 500) },
          'scale-in protection was not set',
        );
      }
    } catch (err) {
      this.#options.log.warn({ err }, 'scale-in protection was not set');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#want(false);
    await this.#last;
  }
}

const withSlash = (address: string): string => (address.endsWith('/') ? address : `${address}/`);
