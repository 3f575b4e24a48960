/**
 * Figures as people write and read them ({@link sluice.support.text.Units}), and text that can be
 * shown on a terminal ({@link sluice.support.text.PlainText}).
 */
package sluice.support.text;
