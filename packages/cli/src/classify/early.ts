export { startThreadsEarly } from '@rookery/inference';
