/** A stand-in for Amazon's EC2, with instances that work and faults on demand. */
@NullMarked
package dev.buildman.testing.ec2;

import org.jspecify.annotations.NullMarked;
