export { OrderBookL3 } from "./native-order-book.ts";
