/**
 * Uploaded sources: content-addressed files on disk, and the signed URLs by which agents fetch
 * them.
 */
@NullMarked
package dev.buildman.sources;

import org.jspecify.annotations.NullMarked;
