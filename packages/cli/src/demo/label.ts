/** How the demo labels: through the whole fleet. Whatever takes its place has the same signature. */
export { labelThroughFleet as labelPictures } from './fleet-demo.ts';
