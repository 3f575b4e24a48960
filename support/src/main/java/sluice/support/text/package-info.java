/** Figures as people write and read them: {@link sluice.support.text.Units}. */
package sluice.support.text;
