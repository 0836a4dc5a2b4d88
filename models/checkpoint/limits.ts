/**
 * What a checkpoint may ask of this machine. Memory must stay below 300 MB and the largest tensor, so what is kept for every tensor (names,
 * shapes, places) is limited; what is in the tensors is not, since it is read when wanted.
 *
 * Each limit says what it guards against and the largest real file known that it must let pass.
 */

/** Tensors of one checkpoint. Each costs about 1 kB. Must allow 100,000; the published models read here have 200 to 1,600. */
export const MAXIMUM_TENSORS = 120_000;

/**
 * Elements of one tensor that is read: 4 GiB as float32. Must allow the embeddings of flan-t5-xxl (132 million) and of the largest
 * vocabularies in use (256,000 x 3,584 = 918 million).
 */
export const MAXIMUM_ELEMENTS = 2 ** 30;

/**
 * Elements of a tensor that repeats its storage (a stride of 0): a few bytes could otherwise claim any amount of memory. Must allow
 * position tables and masks that were saved expanded (2,048 x 2,048).
 */
export const MAXIMUM_EXPANDED_ELEMENTS = 2 ** 24;

/** Dimensions of a tensor: NumPy's limit, and where operations of PyTorch stop. Real weights have at most 5. */
export const MAXIMUM_DIMENSIONS = 64;

/** Bytes of a name. Must allow names of nested modules; the longest seen have 150. */
export const MAXIMUM_NAME_BYTES = 1024;

/** Bytes of the pickle in a torch file. 100,000 tensors take 20 MB; with the state of an optimizer three times that. */
export const MAXIMUM_PICKLE_BYTES = 64 * 2 ** 20;

/**
 * Estimated bytes of a pickle and of everything it makes. A one-byte opcode makes an object of 50 bytes, so the size of the pickle alone is no
 * bound. 100,000 parameters take 130 MB.
 */
export const MAXIMUM_PICKLE_MEMORY = 168 * 2 ** 20;

/**
 * Values and marks on a pickle's stack. Python's pickler hands over lists and dicts in batches of 1,000, so that only a tuple can put more there
 * at once; torch's have less than ten items.
 */
export const MAXIMUM_PICKLE_STACK = 500_000;

/** Digits of an integer, bytes of a line (a global's name) in a pickle. Real ones stay below 20 and 100. */
export const MAXIMUM_PICKLE_LINE = 1024;

/** Bytes of an integer in a pickle. Sizes and offsets have 8; random-generator states and Python ids reach 16. */
export const MAXIMUM_PICKLE_INTEGER_BYTES = 256;

/** How deep a table of tensors may be wrapped, as `trainer.ema_parameters` is (2). */
export const MAXIMUM_WRAPPERS = 3;

/** Entries of a zip archive, one a storage. Must allow 100,000 tensors and the two moments of their optimizer. */
export const MAXIMUM_ZIP_ENTRIES = 320_000;

/** Bytes of a zip archive's central directory: 80 to 120 an entry. */
export const MAXIMUM_ZIP_DIRECTORY_BYTES = 40 * 2 ** 20;

/** Bytes of a safetensors header. The format itself allows 100 MB; 100,000 tensors take 15 MB, the largest real headers 1 MB. */
export const MAXIMUM_HEADER_BYTES = 24 * 2 ** 20;

/** Bytes of an index.json. 100,000 tensors take 12 MB; flan-t5-xl's has 50 kB. */
export const MAXIMUM_INDEX_BYTES = 24 * 2 ** 20;

/** Files of one sharded checkpoint, all open at once. The largest real ones have about 200. */
export const MAXIMUM_SHARDS = 512;

/** Bytes read at a time while a tensor is converted. Large enough for a disk's full rate, small beside the memory bound. */
export const WINDOW_BYTES = 4 * 2 ** 20;
