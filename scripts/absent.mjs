/** In the place of packages that are loaded and never used (build.mjs). */
export {};
