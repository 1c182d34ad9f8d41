/** Takes builds from the queue and starts workers for them through the chain of executors. */
@NullMarked
package dev.buildman.schedule;

import org.jspecify.annotations.NullMarked;
