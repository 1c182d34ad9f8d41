/** What the worker uses of its machine: processor, memory, disk, now and at most. */
@NullMarked
package dev.buildman.agent.usage;

import org.jspecify.annotations.NullMarked;
