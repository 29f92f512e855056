import { seededRandom } from '@rookery/contracts';
import { around } from './around.ts';
import type { Sample, Simulation } from './simulation.ts';

interface Clock {
  now(): number;
  after(ms: number, happen: () => void): void;
}

interface Task {
  readonly pictures: number;
  readonly arrivedMs: number;
}

interface Worker {
  readonly startedMs: number;
  state: 'starting' | 'idle' | 'busy' | 'gone';
  /** Ends as soon as it holds no task. */
  leaving: boolean;
}

/** Workers and their queue, in simulated time. */
export class SimulatedFleet {
  readonly waitsMs: number[] = [];
  workerMs = 0;
  busyMs = 0;
  mostWorkers = 0;
  starts = 0;
  lastResultMs = 0;
  readonly #tasks: Task[] = [];
  #next = 0;
  readonly #workers = new Set<Worker>();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #startupMs: number;
  readonly #spread: number;
  readonly #picturesPerSecond: number;

  constructor({ startupMs = 45_000, spread = 0.1, seed = 1, picturesPerSecond }: Simulation, clock: Clock) {
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.#startupMs = startupMs;
    this.#spread = spread;
    this.#picturesPerSecond = picturesPerSecond;
  }

  /** Workers that are to stay. */
  get size(): number {
    return this.#staying().length;
  }

  get isBusy(): boolean {
    return this.#next < this.#tasks.length || [...this.#workers].some(({ state }) => state === 'busy');
  }

  counts(): Omit<Sample, 'atMs'> {
    const of = (wanted: Worker['state']): number => [...this.#workers].filter(({ state }) => state === wanted).length;
    return {
      waiting: this.#tasks.length - this.#next,
      leased: of('busy'),
      running: of('busy') + of('idle'),
      starting: of('starting'),
    };
  }

  enqueue(pictures: number): void {
    this.#tasks.push({ pictures, arrivedMs: this.#clock.now() });
    for (const worker of this.#workers) if (worker.state === 'idle' && this.#takes(worker)) return;
  }

  scaleTo(desired: number): void {
    const staying = this.#staying();
    for (let more = staying.length; more < desired; more++) this.#start();
    // Those that do nothing go first: what is being worked on is protected.
    const order = { idle: 0, starting: 1, busy: 2, gone: 3 };
    const first = staying
      .sort((a, b) => order[a.state] - order[b.state])
      .slice(0, Math.max(0, staying.length - desired));
    for (const worker of first) {
      worker.leaving = true;
      if (worker.state !== 'busy') this.#leave(worker);
    }
  }

  /** Whoever is left is paid until now. */
  end(): void {
    for (const worker of this.#workers) this.#leave(worker);
  }

  #staying(): Worker[] {
    return [...this.#workers].filter(({ leaving }) => !leaving);
  }

  #start(): void {
    const worker: Worker = { startedMs: this.#clock.now(), state: 'starting', leaving: false };
    this.#workers.add(worker);
    this.starts += 1;
    this.mostWorkers = Math.max(this.mostWorkers, this.#workers.size);
    this.#clock.after(around(this.#startupMs, this.#spread, this.#random), () => {
      if (worker.state === 'starting') this.#takes(worker);
    });
  }

  /** Takes the oldest task. False where there is none. */
  #takes(worker: Worker): boolean {
    const task = this.#tasks[this.#next];
    if (worker.leaving) this.#leave(worker);
    else worker.state = 'idle';
    if (!task || worker.state !== 'idle') return false;
    this.#next += 1;
    worker.state = 'busy';
    const tookMs = around((task.pictures / this.#picturesPerSecond) * 1000, this.#spread, this.#random);
    this.#clock.after(tookMs, () => {
      this.busyMs += tookMs;
      this.lastResultMs = this.#clock.now();
      this.waitsMs.push(this.lastResultMs - task.arrivedMs);
      this.#takes(worker);
    });
    return true;
  }

  #leave(worker: Worker): void {
    worker.state = 'gone';
    this.#workers.delete(worker);
    this.workerMs += this.#clock.now() - worker.startedMs;
  }
}
