import type { Deployment } from '@rookery/autoscale';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

const retention: Readonly<Record<Deployment['logDays'], RetentionDays>> = {
  7: RetentionDays.ONE_WEEK,
  14: RetentionDays.TWO_WEEKS,
  30: RetentionDays.ONE_MONTH,
  90: RetentionDays.THREE_MONTHS,
  365: RetentionDays.ONE_YEAR,
};

export const logRetention = (days: Deployment['logDays']): RetentionDays => retention[days];
