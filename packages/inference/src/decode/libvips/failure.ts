import { RookeryError } from '@rookery/contracts';

/** Of TIFFs, which can hold anything: a compression, a colour space or a layout that libvips does not read; and JPEGs of 12 bits, and JPEG-LS. */
const notBuiltIn =
  /not supported|not configured|is not implemented|bad labq format|not a whole number of bytes|JPEG data precision 1[26]|marker type 0xf7/;

/** Gives what sharp threw a code. Its texts are all there is to go by; whatever is not known is the picture's fault. */
export function decodeError(thrown: unknown): RookeryError {
  if (thrown instanceof RookeryError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (detail.includes('exceeds pixel limit')) return new RookeryError('PICTURE_TOO_LARGE', { detail });
  if (detail.includes('channel limit') || notBuiltIn.test(detail))
    return new RookeryError('UNSUPPORTED_FORMAT', { detail });
  // The machine's fault, not the picture's: another attempt may succeed.
  if (
    /out of memory|allocate enough memory|bad_alloc|creat\w* thread|temporarily unavailable|too many open files/i.test(
      detail,
    )
  )
    return new RookeryError('ENGINE_FAILED', { detail });
  return new RookeryError('PICTURE_CORRUPT', { detail });
}
