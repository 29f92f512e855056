import { describe, expect, it } from 'vitest';
import { RolloutTally } from '../src/judging/rollout-tally.ts';
import { verdictOf } from '../src/judging/verdict.ts';

interface Seen {
  readonly answered?: number;
  readonly failed?: number;
  readonly ms?: number;
  readonly same?: number;
  readonly other?: number;
}

/** The main version answered 100 pictures in 10 ms each. */
function tally({ answered = 0, failed = 0, ms = 10, same = 0, other = 0 }: Seen): RolloutTally {
  const seen = new RolloutTally();
  for (let i = 0; i < 100; i++) seen.stable.answered(10);
  for (let i = 0; i < answered; i++) seen.canary.answered(ms);
  for (let i = 0; i < failed; i++) seen.canary.fail();
  for (let i = 0; i < same + other; i++) seen.compare(i < same);
  return seen;
}

describe('a canary', () => {
  it('is promoted once it has answered what it has to', () => {
    expect(verdictOf(tally({ answered: 99 }), { promoteAfter: 100 })).toBeUndefined();
    expect(verdictOf(tally({ answered: 100 }), { promoteAfter: 100 })).toEqual({
      what: 'promoted',
      reason: 'answered 100 pictures',
    });
  });

  it('goes early where its errors are certainly too many, and not for the first one', () => {
    const rules = { promoteAfter: 1_000, maxErrors: 0.05 };
    expect(verdictOf(tally({ answered: 10, failed: 1 }), rules)).toBeUndefined();
    expect(verdictOf(tally({ answered: 20, failed: 10 }), rules)).toEqual({
      what: 'rolled-back',
      reason: '10 of 30 pictures failed, at most 5 % may',
    });
  });

  it('goes at the end where they are too many, though it could be chance', () => {
    const rules = { promoteAfter: 100, maxErrors: 0.05 };
    expect(verdictOf(tally({ answered: 94, failed: 6 }), rules)).toMatchObject({ what: 'rolled-back' });
    expect(verdictOf(tally({ answered: 95, failed: 5 }), rules)).toMatchObject({ what: 'promoted' });
  });

  it('that must not fail at all stays while it does not, however few it has answered', () => {
    const rules = { promoteAfter: 200, maxErrors: 0, maxDisagreement: 0 };
    for (let answered = 1; answered < 200; answered++)
      expect(verdictOf(tally({ answered, same: answered }), rules)).toBeUndefined();
    expect(verdictOf(tally({ answered: 200, same: 200 }), rules)).toMatchObject({ what: 'promoted' });
    expect(verdictOf(tally({ answered: 3, failed: 1 }), { promoteAfter: 200, maxErrors: 0.07 })).toBeUndefined();
    expect(verdictOf(tally({ answered: 3, failed: 1 }), rules)).toMatchObject({ what: 'rolled-back' });
    expect(verdictOf(tally({ failed: 9 }), { promoteAfter: 200, maxErrors: 0.07 })?.reason).toContain(
      'at most 7 % may',
    );
  });

  it('waits for comparisons where disagreement is a rule', () => {
    const rules = { promoteAfter: 50, maxDisagreement: 0.1 };
    expect(verdictOf(tally({ answered: 500, same: 40 }), rules)).toBeUndefined();
    expect(verdictOf(tally({ answered: 500, same: 48, other: 2 }), rules)).toMatchObject({ what: 'promoted' });
    expect(verdictOf(tally({ answered: 5, same: 5, other: 15 }), rules)).toEqual({
      what: 'rolled-back',
      reason: '15 of 20 pictures were labelled otherwise, at most 10 % may',
    });
  });

  it('goes where it takes too long', () => {
    const rules = { promoteAfter: 50, maxLatencyRatio: 1.5 };
    expect(verdictOf(tally({ answered: 50, ms: 14 }), rules)).toMatchObject({ what: 'promoted' });
    expect(verdictOf(tally({ answered: 50, ms: 16 }), rules)).toEqual({
      what: 'rolled-back',
      reason: 'a picture took 1.60 times as long, at most 1.5 is allowed',
    });
  });
});
