/** Build logs: their entries in Quay's form, read from any place and followed while they grow. */
@NullMarked
package dev.buildman.buildlogs;

import org.jspecify.annotations.NullMarked;
