/** Build logs in Redis, in Quay's form. */
@NullMarked
package dev.buildman.buildlogs.redis;

import org.jspecify.annotations.NullMarked;
