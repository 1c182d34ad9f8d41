/**
 * The first command of the README: real builds from enqueue to a pushed image that runs, on one
 * machine.
 */
@NullMarked
package dev.buildman.demo;

import org.jspecify.annotations.NullMarked;
