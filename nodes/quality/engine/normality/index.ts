/** Do values look as if they were normally distributed? */
export { type AndersonDarling, andersonDarling } from './anderson-darling.ts'
export { type ShapiroWilk, shapiroWilk } from './shapiro-wilk.ts'
