/** Quay's worker as a test sees it: simulated from the contract, checked against recordings. */
@NullMarked
package dev.buildman.testing.quay;

import org.jspecify.annotations.NullMarked;
