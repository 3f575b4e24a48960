/** The rules of who may use whom, over all modules. */
package sluice.architecture;
