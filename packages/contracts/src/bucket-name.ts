/**
 * Whether this may be the name of an S3 bucket. Those made in us-east-1 before March 2018 may be of up to 255 characters and hold capitals and
 * `_`: they are still there, and still written to.
 */
export const isBucketName = (text: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]$/.test(text);
