import type { PriceFile } from './prices.ts';

/** What comes along; `rookery cost --print-prices` writes it down to be edited. */
export const defaultPrices: PriceFile = {
  region: 'us-east-1',
  currency: 'USD',
  date: '2026-11-27',
  note: "List prices without free tiers and discounts. Those of Fargate and of S3's requests were compared with published guides on this day, the others were not: look them up before you rely on them. Fargate Spot is the list price less 70 %, the most that is published; it changes by the hour.",
  prices: {
    fargateVcpuHour: { usd: 0.04048, source: 'https://aws.amazon.com/fargate/pricing/' },
    fargateGbHour: { usd: 0.004445, source: 'https://aws.amazon.com/fargate/pricing/' },
    fargateSpotVcpuHour: { usd: 0.012144, source: 'https://aws.amazon.com/fargate/pricing/' },
    fargateSpotGbHour: { usd: 0.0013335, source: 'https://aws.amazon.com/fargate/pricing/' },
    gpuInstanceHour: { usd: 0.526, source: 'https://aws.amazon.com/ec2/pricing/on-demand/ (g4dn.xlarge)' },
    s3GetThousand: { usd: 0.0004, source: 'https://aws.amazon.com/s3/pricing/' },
    s3PutThousand: { usd: 0.005, source: 'https://aws.amazon.com/s3/pricing/' },
    s3GbMonth: { usd: 0.023, source: 'https://aws.amazon.com/s3/pricing/' },
    sqsMillion: { usd: 0.4, source: 'https://aws.amazon.com/sqs/pricing/' },
    redisNodeHour: { usd: 0.017, source: 'https://aws.amazon.com/elasticache/pricing/ (cache.t4g.micro)' },
    logsGb: { usd: 0.5, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
    metricMonth: { usd: 0.3, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
    alarmMonth: { usd: 0.1, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
    dashboardMonth: { usd: 3, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
    loadBalancerHour: { usd: 0.0225, source: 'https://aws.amazon.com/elasticloadbalancing/pricing/' },
    endpointHour: { usd: 0.01, source: 'https://aws.amazon.com/privatelink/pricing/' },
    endpointGb: { usd: 0.01, source: 'https://aws.amazon.com/privatelink/pricing/' },
    secretMonth: { usd: 0.4, source: 'https://aws.amazon.com/secrets-manager/pricing/' },
    transferOutGb: { usd: 0.09, source: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer' },
  },
};
