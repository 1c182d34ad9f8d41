/** A small OCI distribution registry for development: files on disk, every digest verified. */
@NullMarked
package dev.buildman.registry;

import org.jspecify.annotations.NullMarked;
