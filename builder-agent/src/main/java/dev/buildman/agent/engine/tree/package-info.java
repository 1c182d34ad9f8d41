/**
 * Files of a context or an image as a tree in memory, and the layers they are read from and written
 * to.
 */
@NullMarked
package dev.buildman.agent.engine.tree;

import org.jspecify.annotations.NullMarked;
