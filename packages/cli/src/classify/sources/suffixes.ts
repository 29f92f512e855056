const pictureSuffix = /\.(?:jpe?g|jpe|jfif|mpo|png|webp|gif|tiff?|avif|bmp|dib)$/i;

/** Whether a listing takes this name for a picture. A file that is named on its own is tried whatever its name is. */
export const looksLikePicture = (name: string): boolean => pictureSuffix.test(name);
