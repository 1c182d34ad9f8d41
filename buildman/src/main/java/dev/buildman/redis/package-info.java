/** Connections to Redis, scripts on them, and what is known of its health. Knows no build. */
@NullMarked
package dev.buildman.redis;

import org.jspecify.annotations.NullMarked;
