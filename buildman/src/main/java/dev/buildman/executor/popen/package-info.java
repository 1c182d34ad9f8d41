/**
 * Workers as local processes of the manager's user: for trusted builds, development and the one
 * machine set-up. Linux only: it reads {@code /proc}.
 */
@NullMarked
package dev.buildman.executor.popen;

import org.jspecify.annotations.NullMarked;
