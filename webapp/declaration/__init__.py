"""P1 declaration 申报: who may declare what, what the services of its diagram do, where its cases lie."""
